import type { ReactNode } from 'react';

const UNSCROLLED = 5;

export interface ItemListProps {
  readonly items: readonly string[];
  readonly label: string;
}

/** The named things a confirmation covers; a long list scrolls, from the keyboard too. */
export function ItemList({ items, label }: ItemListProps): ReactNode {
  const list = (
    <ul>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat, and the list never changes
        <li key={index}>{item}</li>
      ))}
    </ul>
  );
  if (items.length <= UNSCROLLED) return <div className="cs-items">{list}</div>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label={label} className="cs-items" tabIndex={0}>
      {list}
    </section>
  );
}
