import type { ReactNode } from 'react';
import { Icon, type IconProps } from '../components/Icon.tsx';

export interface WayRowProps {
  readonly icon: IconProps['name'];
  readonly title: string;
  readonly pill: ReactNode;
  readonly detail: string;
  readonly action?: ReactNode;
}

/** One way to confirm it's you. */
export function WayRow({ icon, title, pill, detail, action }: WayRowProps): ReactNode {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3 border-line border-t px-5 py-4">
      <span className="grid size-10 flex-none place-items-center rounded-[0.625rem] bg-accent-soft text-accent">
        <Icon name={icon} />
      </span>
      <div className="min-w-0 flex-1 basis-52">
        <h3 className="[overflow-wrap:anywhere] flex flex-wrap items-center gap-x-2.5 gap-y-1 font-[600]">
          {title} {pill}
        </h3>
        <p className="text-ink-3 text-sm [overflow-wrap:anywhere]">{detail}</p>
      </div>
      {action}
    </div>
  );
}
