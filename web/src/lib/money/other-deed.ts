/** What else a panel about money can do than what its last button does; refused in the same place. */
export interface OtherDeed {
  readonly name: string;
  readonly label: string;
  readonly variant?: 'secondary' | 'ghost';
  /** Said when it is done. */
  readonly done: string;
  /** Answers false where the panel stays open, with what comes next. */
  readonly act: (commandId: string) => Promise<unknown>;
}
