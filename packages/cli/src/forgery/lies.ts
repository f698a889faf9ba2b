/** Every lie a lying provider can tell, one at a time, and what it then does. */
export const LIES = {
  'discovery-issuer-other': 'the discovery document names another issuer',

  'redirect-iss-other': 'the redirect names another issuer',
  'redirect-iss-missing': 'the redirect names no issuer, though announced',
  'redirect-state-other': 'the redirect brings another state',
  'redirect-state-missing': 'the redirect brings no state',

  'code-reusable': 'a code buys tokens as often as one likes',
  'pkce-ignored': 'any code verifier is right',
  'pkce-refused': 'no code verifier is right',
  'id-token-missing': 'the token answer has no ID token',

  'alg-none': 'the ID token is unsigned',
  'alg-hs256-client-secret': 'the ID token is signed with the client secret',
  'alg-hs256-public-key': 'the ID token is signed with the public key as an HMAC secret',
  'key-unpublished': 'another key signs under the name of the published one',
  'kid-unknown': 'a key signs that is not in the key set',
  'signature-flipped': 'one bit of the signature is flipped',

  'iss-other': 'the ID token is of another issuer',
  'aud-other': 'the ID token is for another client',
  'aud-further': 'the ID token is for another client as well, this one being the authorized party',
  'aud-further-without-azp':
    'the ID token is for another client as well, without an authorized party',
  'azp-other': 'the authorized party is another client',
  'exp-past': 'the ID token ended ten minutes ago',
  'iat-future': 'the ID token was issued an hour from now',
  'nbf-future': 'the ID token is valid an hour from now',
  'nonce-other': 'the ID token answers another request',
  'nonce-missing': 'the ID token answers no request',
  'sub-other': 'somebody else signed in',
  'sub-missing': 'nobody signed in',

  'auth-time-missing': 'the ID token does not say when the person signed in',
  'auth-time-old': 'the person signed in an hour ago',
  'auth-time-stale': 'the person signed in twenty seconds ago, before being asked',
  'auth-time-future': 'the person signed in an hour from now',
  'acr-other': 'the person signed in at another level',
  'acr-missing': 'the ID token names no level',
  'acr-in-userinfo-only': 'the level is in the unsigned answer of the userinfo endpoint alone',
  'amr-other': 'the person signed in by a password alone',
  'amr-missing': 'the ID token names no method',
} as const;

export type Lie = keyof typeof LIES;
