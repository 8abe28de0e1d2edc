/** What the demo couple wrote in their month, by day: day 0 is the day on which they paired, day 29 is yesterday. */

export interface Notes {
  gratitudeNote?: string;
  supportNeeded?: string;
  highlight?: string;
  notesPrivate?: boolean;
}

export interface Diary {
  /** One character a day: `1` to `9`, `X` for 10, `.` for a day without a check-in. */
  connection: string;
  mood: string;
  satisfaction: string;
  notes: Readonly<Record<number, Notes>>;
}

// A tense week before the anniversary (days 9 to 12), a talk on day 13, and a good second half.
export const ADA: Diary = {
  connection: "77886987766457898X9.8788978988",
  mood: "67785886756357788X8.7787868898",
  satisfaction: "77887887766567888X9.8888988989",
  notes: {
    0: { highlight: "We are in. Two names on one screen, five hours apart." },
    1: { gratitudeNote: "You sent me a photo of your breakfast, with the crumbs arranged as a smile." },
    2: { gratitudeNote: "You asked about my presentation before I had mentioned it.", highlight: "The call at lunch" },
    4: {
      gratitudeNote: "That you stayed on the line while I looked for my keys. Twenty minutes.",
      supportNeeded: "A calm evening, I am tired",
    },
    5: { gratitudeNote: "Your mother's soup recipe, typed out by you with all her warnings." },
    6: { highlight: "We climbed up to the castle and the fog opened just as we arrived" },
    7: { gratitudeNote: "You laughed so hard at my joke that you had to put the phone down." },
    9: { supportNeeded: "Work is loud this week. Please ask me twice if I say that I am fine.", notesPrivate: true },
    11: { supportNeeded: "I felt alone with the move today, and did not know how to say it.", notesPrivate: true },
    13: {
      gratitudeNote: "You listened to the end, and then you asked if there was more.",
      highlight: "The long talk by the river",
    },
    14: { gratitudeNote: "The note in my coat pocket." },
    15: { highlight: "You called only to say good night, and then we talked for an hour" },
    17: {
      gratitudeNote: "Three years, and you still hold the door with your foot because your hands are full of flowers.",
      highlight: "Dinner at the little place with seven tables",
    },
    18: { gratitudeNote: "You kept the menu." },
    20: { gratitudeNote: "You read the whole room of Dutch paintings aloud to me." },
    22: { supportNeeded: "Could we talk about my father at the weekend?" },
    23: { gratitudeNote: "You had already looked up the trains." },
    25: { supportNeeded: "Slept badly, be gentle" },
    27: { gratitudeNote: "For running the last kilometre at my speed.", highlight: "Eight kilometres along the water" },
    29: { highlight: "Flights are booked", gratitudeNote: "You took the middle seat." },
  },
};

export const GRACE: Diary = {
  connection: "87787897.75458889X9878.8898789",
  mood: "77876886.65348778X8867.8887688",
  satisfaction: "87787887.86557888X9887.8898888",
  notes: {
    1: { highlight: "First morning with your good morning already there" },
    3: {
      gratitudeNote: "You let me choose the film and did not sigh once.",
      highlight: "Film night over two continents",
    },
    4: { gratitudeNote: "You told me about the keys as if it were an epic." },
    6: { gratitudeNote: "That you carried the rucksack down as well as up." },
    7: { gratitudeNote: "The playlist for my bus ride." },
    10: { supportNeeded: "I need to hear that the move is still our plan." },
    12: { supportNeeded: "Let us not decide anything tonight.", notesPrivate: true },
    13: { gratitudeNote: "You said 'I was afraid' and not 'you always'.", highlight: "We are a team again" },
    16: { gratitudeNote: "You remembered the name of my new colleague." },
    17: {
      gratitudeNote: "You flew here for one weekend and called it nothing.",
      highlight: "The look on your face when the waiter brought the cake",
    },
    19: { gratitudeNote: "For waving until the train was out of sight." },
    21: { gratitudeNote: "Half an hour of only me, with the laptop closed." },
    24: {
      gratitudeNote: "The pasta was terrible and you took seconds.",
      highlight: "Cooking the same recipe in two kitchens",
    },
    26: { gratitudeNote: "You told me the thing about your father.", highlight: "A talk that I will remember" },
    28: { gratitudeNote: "You said yes to the dance class." },
    29: { supportNeeded: "Help me pack on Sunday?" },
  },
};

/** The first challenge: seven days of thanks, from day 2 on. */
export const THANKS = {
  ada: [
    "Thank you for the voice message on my way to work. I walked slower so that it would last.",
    "Thank you for telling your sister how proud you are of me. She passed it on.",
    "Thank you for never making fun of my fear of escalators.",
    "Thank you for the way you say my name when you are half asleep.",
    "Thank you for turning back on the trail without a word when my knee hurt.",
    "Thank you for writing the boring e-mail to the landlord for both of us.",
    "Thank you for this week. I looked for one thing a day and kept finding three.",
  ],
  grace: [
    "Thank you for staying up so that my evening is not empty.",
    "Thank you for keeping a list of the words that I pronounce in a funny way, and for loving them.",
    "Thank you for asking the second question.",
    "Thank you for the drawing of the neighbour's cat.",
    "Thank you for the sandwich with the good cheese on the mountain.",
    "Thank you for saying that I am allowed to be grumpy.",
    "Thank you for doing this with me. I notice more now.",
  ],
} as const;

/** The running challenge, from day 21 on: listening. Null is a day that slipped by. */
export const LISTENING = {
  ada: [
    "I said back what I had heard, and had got half of it wrong. Good to know.",
    "Five minutes are long when you only listen.",
    "I began with 'I' three times today.",
    "You told me about the meeting, and I did not offer a solution. Once.",
    null,
    "Tonight I understood why Sundays are hard for you.",
    "Easy today. We were both in a good mood.",
    "I asked 'did I get that right?' and you smiled.",
    "You noticed that I was tired before I did.",
  ],
  grace: [
    "I interrupted once and apologised at once.",
    "Listening with the camera off was easier.",
    "I said 'I was disappointed' instead of sulking.",
    "You said it back better than I had said it.",
    "We did it on the phone, you in the tram.",
    "I cried a little, in a good way.",
    "Short and sweet.",
    "The hard part is not to plan my answer.",
    "Nine days. It is becoming a habit.",
  ],
} as const;
