/** Whether two types are the very same; assignability alone would let `any` and subtypes pass. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only so does the compiler compare exactly
export type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where the value has this type. */
export declare function expectType<Expected>(value: Expected): Expected;

/** Compiles where the type is `true`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the constraint is the test
export declare function holds<_Fact extends true>(): void;
