/** Bytes in a block and numbers in it, for each of the types in which ggml keeps weights. One of a later day is not here. */
export const GGML_BLOCKS: Record<number, readonly [number, number]> = {
  0: [4, 1], // f32
  1: [2, 1], // f16
  2: [18, 32], // q4_0
  3: [20, 32], // q4_1
  6: [22, 32], // q5_0
  7: [24, 32], // q5_1
  8: [34, 32], // q8_0
  10: [84, 256], // q2_K
  11: [110, 256], // q3_K
  12: [144, 256], // q4_K
  13: [176, 256], // q5_K
  14: [210, 256], // q6_K
  16: [66, 256], // iq2_xxs
  17: [74, 256], // iq2_xs
  18: [98, 256], // iq3_xxs
  19: [50, 256], // iq1_s
  20: [18, 32], // iq4_nl
  21: [110, 256], // iq3_s
  22: [82, 256], // iq2_s
  23: [136, 256], // iq4_xs
  29: [56, 256], // iq1_m
  30: [2, 1], // bf16
  39: [17, 32], // mxfp4
};
