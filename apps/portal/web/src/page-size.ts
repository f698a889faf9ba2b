/** How many rows a screen asks for at a time; the server allows at most 100. */
export const PAGE_SIZE = 50;
