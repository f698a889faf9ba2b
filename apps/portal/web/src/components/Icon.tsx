import type { ReactNode } from 'react';

const paths = {
  shield: 'M12 2.5l8 3v6c0 5.2-3.4 8.5-8 10-4.6-1.5-8-4.8-8-10v-6zM8.4 12.1l2.5 2.5 4.7-5.2',
  phone: 'M9 3h6a2 2 0 012 2v14a2 2 0 01-2 2H9a2 2 0 01-2-2V5a2 2 0 012-2zM11 17.5h2',
  key: 'M4 12a4 4 0 108 0 4 4 0 10-8 0M12 12h9M17.5 12v4',
  passkey:
    'M5 8.5a4 4 0 108 0 4 4 0 10-8 0M2.5 20c.6-3.8 3-6 6.5-6 1 0 1.9.2 2.7.5M15 12.5a3 3 0 106 0 3 3 0 10-6 0M18 15.5V21M18 18.5h2.2',
  mail: 'M3.5 6h17v12h-17zM4 6.5l8 6.5 8-6.5',
  trash: 'M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5l1 14h9l1-14M10.5 10.5v6M13.5 10.5v6',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  search: 'M4 10.5a6.5 6.5 0 1013 0 6.5 6.5 0 10-13 0M15.3 15.3L20.5 20.5',
  alert: 'M12 3.5l9.5 16.5h-19zM12 10v4.5M12 17.4v.1',
  down: 'M6 9.5l6 6 6-6',
  file: 'M6 3h8l4.5 4.5V21H6zM14 3v4.5h4.5M9 12.5h6M9 16.5h6',
} as const;

export interface IconProps {
  readonly name: keyof typeof paths;
  readonly className?: string;
}

/** A line drawing that only ever accompanies words. */
export function Icon({ name, className = 'size-5' }: IconProps): ReactNode {
  return (
    <svg
      aria-hidden="true"
      className={`flex-none ${className}`}
      fill="none"
      focusable="false"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.8"
      viewBox="0 0 24 24"
    >
      <path d={paths[name]} />
    </svg>
  );
}
