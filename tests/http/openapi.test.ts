import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeCoverage } from '../../apps/portal/server/coverage.ts';
import { describeApi } from '../../packages/server/src/http/openapi.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

interface Described {
  readonly operationId?: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { schema: { properties: object } }> };
  readonly 'x-countersign-requires'?: object;
}

async function document() {
  const response = await fetch(`${portal.baseUrl}/api/openapi.json`);
  expect(response.status).toBe(200);
  return (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, Described>>;
    'x-problem-codes': Record<string, number>;
  };
}

test('the interface describes every declared route, and no other', async () => {
  const { paths } = await document();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const declared = describeCoverage()
    .declared.table.filter(({ path }) => path !== '/mail')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  expect(described.toSorted()).toEqual(declared.toSorted());
});

test('an operation says what it asks for, and its body leaves out what address and headers carry', async () => {
  const { paths } = await document();
  const purchase = paths['/api/credits/purchases']?.['post'];
  expect(purchase).toMatchObject({
    operationId: 'credits.purchase',
    'x-countersign-requires': { acr: 'aal2', maxAgeSeconds: 0, baseline: null },
  });
  expect(purchase?.parameters.map(({ name }) => name)).toEqual([
    'idempotency-key',
    'Countersign-Grant',
  ]);
  const properties = purchase?.requestBody?.content['application/json']?.schema.properties;
  expect(Object.keys(properties ?? {})).toEqual(['credits', 'currency']);
  expect(paths['/api/api-keys/{id}']?.['delete']?.['x-countersign-requires']).toEqual({
    acr: 'aal2',
    maxAgeSeconds: 300,
    baseline: null,
    ownFactor: null,
  });
});

test('the document holds every problem code with its status', async () => {
  const codes = (await document())['x-problem-codes'];
  expect(codes).toMatchObject({ step_up_required: 401, precondition_failed: 412 });
});

test('a declared route nobody described stops the start', () => {
  const table = [{ method: 'GET', path: '/api/secret', access: 'member', handler: null }];
  expect(() => describeApi(table, {}, 'http://localhost')).toThrow(
    'route GET /api/secret is not described',
  );
});
