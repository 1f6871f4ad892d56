/** The daemon as a service of the system, for the command line. The daemon itself never loads it. */
export { LAUNCHD_LABEL, launchdAgent, workspaceOfAgent } from "./launchd-agent.ts";
export type { Service, ServiceHost, ServiceState } from "./service.ts";
export { serviceOf, systemdServiceOf } from "./service-of.ts";
export type { ServicePlan } from "./service-plan.ts";
export { systemdUnit, workspaceOfUnit } from "./systemd-unit.ts";
