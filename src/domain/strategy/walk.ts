import type { Comparison, Condition, Operand } from './definition.ts';

/** One operand of a condition with where it stands: `entry_conditions.all[0].left`. */
export interface PlacedOperand {
  readonly path: string;
  readonly operand: Operand;
}

export const isComparison = (condition: Condition): condition is Comparison => 'op' in condition;

/** All operands of a condition, outermost first, in the file's order. */
export const operandsOf = (condition: Condition, path: string): readonly PlacedOperand[] => {
  if (isComparison(condition)) {
    return [
      { path: `${path}.left`, operand: condition.left },
      { path: `${path}.right`, operand: condition.right },
    ];
  }
  if ('not' in condition) return operandsOf(condition.not, `${path}.not`);
  const [kind, members] = 'all' in condition ? ['all', condition.all] : ['any', condition.any];
  return members.flatMap((member, index) => operandsOf(member, `${path}.${kind}[${index}]`));
};

/** All operands of a strategy's entry and exit conditions. */
export const strategyOperands = (definition: {
  readonly entry_conditions: Condition;
  readonly exit_conditions: Condition;
}): readonly PlacedOperand[] => [
  ...operandsOf(definition.entry_conditions, 'entry_conditions'),
  ...operandsOf(definition.exit_conditions, 'exit_conditions'),
];
