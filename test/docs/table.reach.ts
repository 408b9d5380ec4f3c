/** Names of other libraries. */
const library = /\b(PyTorch|torch|optax|Keras|TensorFlow)\b/

/** Speaks of what the sentence before it names. */
const goesOn = /^(Its|Their|It)\b/

/** Contrasts with what the sentence before it says, which may be all of a citation. */
const contrasts = /^(Ours|We deviate)\b|\b(multiply it|they are)\b/

/** A period ends a sentence where no number or year follows, as after "et al.". */
export const sentencesOf = (text: string): readonly string[] => text.split(/(?<=\.)\s+(?!\d)/)

/** Sources and laws are listed elsewhere: of their sentence, the parts that name a library. */
const withoutList = (sentence: string): string =>
  /^(Source|Laws?): /.test(sentence)
    ? sentence
        .replace(/^\w+: /, "")
        .split("; ")
        .filter(part => library.test(part))
        .join("; ")
    : sentence

const capitalized = (text: string): string => text.replace(/^(?!optax)[a-z]/, letter => letter.toUpperCase())

/** What a docstring says of other libraries after its first paragraph, sentence by sentence. */
export const reachOf = (text: string): string => {
  const [, ...paragraphs] = text.split(/\n\s*\n/)
  const sentences = sentencesOf(
    paragraphs
      .join(" ")
      .replace(/(\n|\s)+/g, " ")
      .replace(/ Source: /g, "\nSource: ")
      .trim()
  )
  const kept = sentences.reduce<readonly boolean[]>(
    (before, sentence) => [...before, library.test(sentence) || (before.at(-1) === true && goesOn.test(sentence))],
    []
  )
  return sentences
    .flatMap((sentence, i) => {
      if (kept[i + 1] && contrasts.test(sentences[i + 1] ?? "")) return [sentence.replace(/^Source: /, "")]
      return kept[i] ? [withoutList(sentence)] : []
    })
    .map(capitalized)
    .join(" ")
}
