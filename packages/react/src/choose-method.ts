import type { StepUpMethod } from '@countersign/server/contract';

/** Which way of confirming is shown, and whether the others are listed. */
export interface MethodChoice {
  /** All ways, in the server's order of preference, which never changes. */
  readonly methods: readonly StepUpMethod[];
  /** Null when there is no way at all. */
  readonly chosen: StepUpMethod | null;
  readonly isListed: boolean;
}

export type MethodAction =
  | { readonly kind: 'toggle' }
  | { readonly kind: 'choose'; readonly method: StepUpMethod }
  /** The chosen way cannot be used here: the others are offered. */
  | { readonly kind: 'unavailable' };

/** Begins with the way the server put first: the one that last worked. */
export function firstChoice(methods: readonly StepUpMethod[]): MethodChoice {
  return { methods: [...new Set(methods)], chosen: methods[0] ?? null, isListed: false };
}

/** One step of choosing, for `useReducer`. */
export function chooseMethod(choice: MethodChoice, action: MethodAction): MethodChoice {
  const others = otherMethods(choice);
  switch (action.kind) {
    case 'toggle':
      return { ...choice, isListed: !choice.isListed && others.length > 0 };
    case 'unavailable':
      return { ...choice, isListed: others.length > 0 };
    case 'choose':
      if (!others.includes(action.method)) return choice;
      return { ...choice, chosen: action.method, isListed: false };
  }
}

/** The ways that are not chosen. */
export function otherMethods({ methods, chosen }: MethodChoice): readonly StepUpMethod[] {
  return methods.filter((method) => method !== chosen);
}
