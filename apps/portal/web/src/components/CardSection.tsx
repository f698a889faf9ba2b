import { type ReactNode, type Ref, useId } from 'react';

export interface CardSectionProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  /** The heading, for the focus to come back to. */
  readonly headingRef?: Ref<HTMLHeadingElement>;
}

/** A card with its heading, and what can be done with all of it. */
export function CardSection(props: CardSectionProps): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className="card">
      <div className="flex min-h-14 flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 py-2">
        <h2
          className="py-2 font-[620] text-[1.0625rem]"
          id={id}
          ref={props.headingRef}
          tabIndex={-1}
        >
          {props.title}
        </h2>
        {props.action}
      </div>
      {props.children}
    </section>
  );
}
