/** `2024-03-01 12:00 UTC`, for a person. @param time epoch ms */
export const utcMinute = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
