import type { TestPortal } from './test-portal.ts';

/** Makes whoever appends the first entry of this event from now on the victim of a deadlock. */
export async function failFirstEntry({ owner }: TestPortal, event: string): Promise<void> {
  await owner.query(`
    drop trigger if exists fail_first on countersign.audit_event;
    drop sequence if exists public.entry_number;
    create sequence public.entry_number;
    create or replace function public.fail_first() returns trigger
    language plpgsql security definer as $$ begin
      if nextval('public.entry_number') = 1 then
        raise exception using errcode = '40P01';
      end if;
      return new;
    end $$;
    create trigger fail_first before insert on countersign.audit_event
      for each row when (new.event = '${event}') execute function public.fail_first();
  `);
}
