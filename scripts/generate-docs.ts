import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { events } from '@countersign/server';
import { problems } from '@countersign/server/contract';
import { checks } from '../packages/cli/src/conformance/checks.ts';

const docs = (name: string): string => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));

const eventRows = Object.entries(events).map(
  ([name, { version, outcomes, meaning }]) =>
    `| \`${name}\` | ${version} | ${outcomes.join(', ')} | ${meaning} |`,
);

writeFileSync(
  docs('events.md'),
  `# Audit events

Generated from \`packages/server/src/events/catalogue.ts\`; change it there.

Every entry is stored as its final RFC 8785 bytes with SHA-256(0x00 || entry) beside them, in the
transaction of what it records. \`actorId\`, \`tenantId\`, \`operation\`, \`methods\` (RFC 8176, and
\`recovery\`), \`aal\`, \`requestId\`, \`reason\`, \`count\` and \`details\` are in clear; personal fields
(\`email\`, \`source\`, \`userAgent\`) are salted commitments, their values in a table that can be erased
row by row. An address nobody has is committed to and its salt thrown away.

| event | version | outcomes | meaning |
| --- | --- | --- | --- |
${eventRows.join('\n')}
`,
);

const problemRows = Object.entries(problems).map(
  ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
);

writeFileSync(
  docs('errors.md'),
  `# Problem codes

Generated from \`packages/server/src/contract/problem.ts\`; change it there.

Errors of \`/api/*\` are \`application/problem+json\` (RFC 9457): \`{type, title, status, code, requestId}\`,
where it applies with \`operation\`, \`challenge\`, \`errors\` and \`retryAfterSeconds\`. A refusal that a
step-up would lift also carries \`WWW-Authenticate: Bearer error="insufficient_user_authentication"\`
(RFC 9470). Errors of \`/api/auth/*\` keep Better Auth's \`{code, message}\` with \`requestId\` added.

| code | status | title |
| --- | --- | --- |
${problemRows.join('\n')}
`,
);

const checkSections = checks.map(({ id, rule, attempts }) => {
  const lines = attempts.map(({ what, expected }) => `- ${what}: *${expected}*`);
  return `### ${id}\n${rule}\n\n${lines.join('\n')}`;
});

writeFileSync(
  docs('conformance.md'),
  `# What the conformance run tries

Generated from \`packages/cli/src/conformance/checks\`; change it there.

\`countersign conformance\` attacks a portal as a stranger, a thief of a password or a cookie, or a lying
identity provider would, and says of each rule whether it **held**, is **broken** or **could not run**. A
rule holds only when every attempt on it was made and came to nothing. A refusal for another reason than
the rule's, such as too many attempts, counts as an attempt that was not made; so does one whose honest
counterpart is refused as well.

\`--target URL\` attacks a portal that is running, whose database and data folder must be within reach
(\`COUNTERSIGN_DATA_DIR\`, or \`DATABASE_OWNER_URL\`); without it one is started for the run and
removed afterwards. \`--only ID,ID\` runs some of the checks, \`--list\` names them, \`--json\` prints
\`{target, startedAt, checks: [{id, rule, result, tried: [{what, expected, saw, held}]}]}\`, where \`held\` is
null for what was not tried. Exit codes: 0 when nothing is broken, 1 when something is, 2 when it could
not run.

## How
Attacks go over HTTP alone. The owner of the database only prepares: throwaway tenants with their people,
which are removed at the end; what a tenant's policy asks; the stored hash of a password, as a reset would
leave it; and time, which is moved instead of waited for. Moving it makes things older (codes used, failures,
confirmations, grants, challenges, sign-ins, the verification of an address) and grants nothing. Where a
portal does not believe what this machine says of addresses, the minute's count of its attempts is forgotten
as well.

Codes come from \`oathtool\` where it is installed; passkeys from an authenticator in software that can
lie; the identity provider is one of the run's own that tells one lie at a time.

## What is not tried
- **A portal elsewhere keeps its tables and its provider**: CS-36, and CS-33 until a tenant can name its own
  provider, run only against a portal started for the run.
- **CS-36**: the clock, and the database server itself, are not taken away; break-glass does not exist yet.
- **CS-38**: no request can edit the log, and that is tried. Whether an edit by the holder of the database
  is detected offline cannot be tried before the entries are in a tree: the rule is reported as one that
  could not run.
- **CS-12** looks at answers, exports, entries and mail, not at the server's own output or its memory.
- Rules that are not marked as threats have tests of their own and no attack here.

It shows what one run of one build did. It is no certification.

## The attempts
${checkSections.join('\n\n')}
`,
);
