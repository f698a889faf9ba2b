import { accountCases } from './account-cases.ts';
import type { OperationCase } from './operation-case.ts';
import { portalCases } from './portal-cases.ts';

/** Every protected operation of the portal, in the order in which they are played. */
export const operationCases: readonly OperationCase[] = [...portalCases, ...accountCases];
