import { z } from 'zod';

// Zod would try `new Function`, be refused by the Content-Security-Policy, and go on without it;
// the refusal would still be reported each time. Import this before any schema is used.
z.config({ jitless: true });
