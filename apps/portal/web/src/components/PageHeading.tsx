import { type ReactNode, useEffect, useRef } from 'react';
import { messages } from '../messages.ts';

export interface PageHeadingProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** Leaves the focus to a field that asks for it. */
  readonly keepFocus?: boolean;
}

let firstPage = true;

/** Names the page in the tab and on it; after navigation the focus moves here, to be read out. */
export function PageHeading({ title, children, keepFocus = false }: PageHeadingProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = messages.pageTitle(title);
    // On the first page the browser's own starting point is right.
    if (!firstPage && !keepFocus) heading.current?.focus();
    firstPage = false;
  }, [title, keepFocus]);
  return (
    <div className="grid gap-1">
      <h1
        className="font-[640] text-[1.625rem] leading-tight tracking-[-0.018em]"
        ref={heading}
        tabIndex={-1}
      >
        {title}
      </h1>
      {children === undefined ? null : <div className="max-w-[75ch] text-ink-2">{children}</div>}
    </div>
  );
}
