import { createClient } from '@countersign/react';

/** The one client of this page: all requests share its order around cookie rotation. */
export const client = createClient();

/** What a protected call adds to its request, such as the grant on its retry. */
export type ActHeaders = Readonly<Record<string, string>>;
