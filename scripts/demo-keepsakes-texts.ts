/** What the demo couple answered and kept. The question depends on the couple, so each answer fits a whole category. */
export const ANSWERS = {
  ada: {
    memories: "The ferry, your hat in the water, and you laughing before I dared to. I think of it more than you know.",
    dreams: "Something with a garden door that stays open until the evening, and you on the step with a book.",
    everyday: "Nothing grand today. Coffee, rain, your message at ten, and then everything was a little lighter.",
    gratitude: "How you stayed on the phone while I looked for the keys. You did not even sigh.",
    intimacy: "When you put your hand on my back in a crowd, as if to say: this one is mine.",
    future: "Slower mornings, one kitchen instead of two, and a calendar with white spaces in it.",
    values: "That we tell each other the uncomfortable half of the truth as well, and kindly.",
    fun: "I laughed before I had finished reading it. You know exactly what I am going to say.",
    support: "Ask me twice. The first time I always say that it is fine.",
    us: "That five hours between our clocks have made us better at saying things than five metres ever did.",
  },
  grace: {
    memories: "The staircase at the castle. You carried both rucksacks and pretended that mine weighed nothing.",
    dreams: "A long table, too many chairs, and people who forget to go home. You at the other end of it.",
    everyday: "The bus was late, so I had time to listen to your voice message twice. A good day, then.",
    gratitude: "That you learned how my father takes his tea, and never said a word about it.",
    intimacy: "When you read to me and your voice gets slower because you are falling asleep first.",
    future: "Lisbon, with the cat. And that we stay as curious about each other as on the first evening.",
    values: "Fairness, also on the days on which only one of us can give it.",
    fun: "You will deny it, but it was the escalator. It is always the escalator.",
    support: "Sit next to me and say nothing for ten minutes. Then soup.",
    us: "We argue like people who mean to stay. I did not know that this was a thing before you.",
  },
  waiting: "I have written half a page about this one and deleted it twice. Answer first, then you may laugh at me.",
} as const;

export const NOTES = {
  recipe: {
    title: "The terrible pasta",
    body: "Less salt. Much less salt. Lemon at the end, not at the beginning. You took seconds anyway, and I saw it.",
  },
  letter: {
    title: "For the day you arrive",
    body: "A list of what I want to say at the airport, so that I do not only cry.",
  },
  packing: {
    title: "Packing on Sunday",
    body: "Papers in the blue folder. The cat's passport! Winter coats can wait for the second trip.",
  },
} as const;
