export { type DaemonOptions, type RunningDaemon, startDaemon } from "./daemon.ts";
