/**
 * The roles table elements have anyway, said out loud: where a stylesheet turns rows into cards with
 * `display: block`, Safari forgets them.
 */
export const tableRoles = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  cell: { role: 'cell' },
  columnheader: { role: 'columnheader', scope: 'col' },
} as const;
