/**
 * Shown to whoever leaves, always and to everybody alike, so that seeing it says nothing about anybody. Directories that
 * know help in every country; the links carry nothing that could follow a person.
 */
export const HELP = [
  {
    topic: "emergency",
    text: "If you are in danger right now, call the emergency number of the country you are in.",
    url: "tel:112",
  },
  {
    topic: "violence",
    text: "Somebody hurts, threatens or controls you: places that help, country by country.",
    url: "https://nomoredirectory.org/",
  },
  {
    topic: "crisis",
    text: "You need somebody to talk to tonight: free helplines near you.",
    url: "https://findahelpline.com/",
  },
  {
    topic: "devices",
    text: "You think that somebody reads along on your phone: how to make it yours again.",
    url: "https://www.techsafety.org/resources-survivors",
  },
] as const;
