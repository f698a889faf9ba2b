export interface Migration {
  /** Unique for ever, application migrations included. */
  readonly name: string;
  readonly sql: string;
}
