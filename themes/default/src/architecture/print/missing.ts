import { say } from "../../words.ts";

/** What is to be said of letters that no font has. */
export const missingIn = (letters: string): string[] =>
  letters === ""
    ? []
    : [
        say("The font has no letter {letters}; a box stands in its place.", {
          letters: letters.slice(0, 40),
        }),
      ];
