/**
 * A certificate for `service.test`, a name that nobody can have, and its key: made for tests, good for nothing else.
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=service.test -addext
 * subjectAltName=DNS:service.test`
 */
export const SERVICE_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnzCCAUSgAwIBAgIULNZLmNiv4Q0KsIKgYs0cSohDqVowCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMc2VydmljZS50ZXN0MCAXDTI2MTEyNzE5NTYxNFoYDzIxMjYx
MTAzMTk1NjE0WjAXMRUwEwYDVQQDDAxzZXJ2aWNlLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQItLvOcpZHptc/h1wJq1g7MZeKI/WEmUObfEI7qNVMEkCs
ANNCpV4pfKNSq4RacgpeIXTu4KG/wkaWWUzCViGIo2wwajAdBgNVHQ4EFgQUOs/v
ntB5IRXKkNIjUiB76m9/wsgwHwYDVR0jBBgwFoAUOs/vntB5IRXKkNIjUiB76m9/
wsgwDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxzZXJ2aWNlLnRlc3QwCgYI
KoZIzj0EAwIDSQAwRgIhANjU3gSJvHLi94BmKL+xxsq1tJl1zdTJOeqRg/PJA9MG
AiEAxm+rDnKNl6a6CDoYou689u2zqJN1WqwoPkaMVQ42P70=
-----END CERTIFICATE-----
`;

export const SERVICE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg08PO9KxnUr9x+8Xr
+DsSd67uvJysQ6toI4iMWVePIfWhRANCAAQItLvOcpZHptc/h1wJq1g7MZeKI/WE
mUObfEI7qNVMEkCsANNCpV4pfKNSq4RacgpeIXTu4KG/wkaWWUzCViGI
-----END PRIVATE KEY-----
`;
