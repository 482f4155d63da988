// Runs a Scala program in spark-shell: statement by statement, as if typed, but a statement goes on where the next line
// continues it, and the first error ends the program. (As one block, Spark could not encode the classes in it.)
{
  import scala.runtime.ScalaRunTime.replStringOf
  import scala.tools.nsc.interpreter.Results
  import scala.util.matching.Regex

  val file = java.nio.file.Paths.get(System.getenv("SPARK_SWARM_SCRIPT"))
  val program = new String(java.nio.file.Files.readAllBytes(file), "UTF-8")
  // What is indented, or begins with one of these, is not the beginning of a statement.
  val continues = """^(\s|[.)}\]]|$|//|/\*|(else|catch|finally|extends|with|yield|case)\b(?!\s+(class|object)\b)).*""".r
  val classLike = """(?:\w+\s+)*(?:class|trait)\s+(\w+)""".r
  val objectLike = """(?:\w+\s+)*object\s+(\w+)""".r

  def name(pattern: Regex, text: String) = pattern.findPrefixMatchOf(text).map(_.group(1))
  // A class and its companion belong together.
  def belong(text: String, next: String) =
    name(classLike, text).exists(it => name(objectLike, next).contains(it))

  def fail(message: String): Unit = {
    if (message.nonEmpty) Console.err.println(message)
    System.exit(1)
  }
  def run(text: String): Results.Result = {
    val before = $intp.mostRecentVar
    val result = $intp.interpret(text)
    val last = $intp.mostRecentVar
    // As in the shell, the values of expressions are printed.
    if (result == Results.Success && last != before && last.startsWith("res"))
      for (value <- $intp.valueOfTerm(last) if value != (()))
        print(s"$last: ${$intp.typeOfTerm(last).finalResultType} = ${replStringOf(value, 1000)}")
    result
  }

  val lines = program.split("\r?\n", -1).toList
  val statements = lines.foldLeft(List.empty[String]) {
    case (last :: rest, line) if continues.findFirstIn(line).isDefined => s"$last\n$line" :: rest
    case (all, line) => line :: all
  }
  var left = statements.reverse
  while (left.nonEmpty) {
    val text = left.head
    left = left.tail
    if (left.nonEmpty && belong(text, left.head)) left = s"$text\n${left.head}" :: left.tail
    else
      run(text) match {
        case Results.Error => fail("")
        // Comments alone, or a statement whose next line begins like one.
        case Results.Incomplete if left.nonEmpty => left = s"$text\n${left.head}" :: left.tail
        case Results.Incomplete if "(?s)\\s*(//[^\n]*\\s*|/\\*.*?\\*/\\s*)*".r.pattern.matcher(text).matches =>
        case Results.Incomplete => fail("The program ends in the middle of a statement.")
        case Results.Success =>
      }
  }
  System.exit(0)
}
