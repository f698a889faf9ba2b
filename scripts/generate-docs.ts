import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { events } from '@countersign/server';
import { problems } from '@countersign/server/contract';

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
