import { z } from 'zod';
import { type ApiRoute, apiRoutes, problemSchema, problems } from '../contract/index.ts';
import { maxAgeSeconds } from '../policy/operation-requirement.ts';
import type { RouteEntry, Routes } from './routes.ts';

/**
 * Serves the OpenAPI 3.1 document of every declared route, made from the contract's schemas and the
 * operations' own. Added last: it describes what was declared before it.
 *
 * @throws {TypeError} naming the first declared API route nobody described.
 */
export function addOpenApiRoute(
  routes: Routes,
  { described, serverUrl }: { described: Readonly<Record<string, ApiRoute>>; serverUrl: string },
): void {
  let document: object | null = null;
  routes.open('/api/openapi.json', 'the description of the interface holds no data', (c) =>
    c.json(document),
  );
  document = describeApi(routes.table, { ...apiRoutes, ...described }, serverUrl);
}

/** @throws {TypeError} naming the first API route nobody described. */
export function describeApi(
  table: readonly RouteEntry[],
  described: Readonly<Record<string, ApiRoute>>,
  serverUrl: string,
): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const entry of table) {
    const key = `${entry.method} ${entry.path}`;
    const route = described[key];
    if (route === undefined) {
      if (/^\/(api|v1)\//.test(entry.path)) throw new TypeError(`route ${key} is not described`);
      continue;
    }
    const path = entry.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [entry.method.toLowerCase()]: describeRoute(entry, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Countersign', version: '0.1.0' },
    servers: [{ url: serverUrl }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'countersign.session_token' },
        apiKey: { type: 'http', scheme: 'bearer' },
      },
    },
    'x-problem-codes': Object.fromEntries(
      Object.entries(problems).map(([code, { status }]) => [code, status]),
    ),
  };
}

function describeRoute(entry: RouteEntry, route: ApiRoute): object {
  const { operation } = entry;
  const request = operation?.schema ?? route.request;
  const pathNames = [...entry.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const headerNames = Object.entries(operation?.headers ?? {});
  const taken = [...pathNames, ...headerNames.map(([, name]) => name)];
  const content = route.response && {
    'application/json': { schema: jsonSchema(route.response, 'output') },
  };
  return {
    summary: route.summary,
    'x-countersign-access': entry.access,
    ...(operation === undefined
      ? {}
      : {
          operationId: operation.name,
          'x-countersign-requires': {
            acr: operation.requirement.acr,
            maxAgeSeconds: maxAgeSeconds(operation.requirement),
            baseline: operation.requirement.baseline ?? null,
            ownFactor: operation.requirement.ownFactor ?? null,
          },
        }),
    security: securityOf(entry.access),
    parameters: [
      ...pathNames.map((name) => parameter(name, 'path')),
      ...headerNames.map(([header]) => parameter(header, 'header')),
      ...(operation === undefined ? [] : [parameter('Countersign-Grant', 'header', false)]),
    ],
    ...(request === undefined ? {} : { requestBody: bodyOf(request, taken) }),
    responses: {
      [String(route.status ?? 200)]: { description: 'Done', ...(content ? { content } : {}) },
      default: {
        description: 'A problem document; its code says what is wrong',
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    },
  };
}

function securityOf(access: string): readonly object[] {
  if (/^(?:open|anonymous):/.test(access)) return [];
  return access.startsWith('api key:') ? [{ apiKey: [] }] : [{ session: [] }];
}

function parameter(name: string, where: 'path' | 'header', required = true): object {
  return { name, in: where, required, schema: { type: 'string' } };
}

/** What the address and headers carry is not asked for again in the body. */
function bodyOf(request: z.ZodType, taken: readonly string[]): object {
  const schema = jsonSchema(request, 'input') as {
    properties?: Record<string, unknown>;
    required?: readonly string[];
  };
  for (const name of taken) delete schema.properties?.[name];
  const required = schema.required?.filter((name) => !taken.includes(name));
  const content = {
    'application/json': { schema: required === undefined ? schema : { ...schema, required } },
  };
  return { required: (required ?? []).length > 0, content };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  return z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
}
