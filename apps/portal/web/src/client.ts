import { createClient } from '@countersign/react';

/** The one client of this page: all requests share its order around cookie rotation. */
export const client = createClient();
