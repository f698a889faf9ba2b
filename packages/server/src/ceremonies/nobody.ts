/**
 * The id of nobody: what is asked of the database about an unknown address is asked in this name, so
 * that it takes as many statements as for a person's.
 */
export const NOBODY = '00000000-0000-0000-0000-000000000000';
