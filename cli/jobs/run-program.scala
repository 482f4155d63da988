// Runs a Scala program in spark-shell, as a whole: its lines may continue each other, and its first error ends it.
// As in the shell, the value of its last expression is printed.
{
  import scala.runtime.ScalaRunTime.replStringOf
  import scala.tools.nsc.interpreter.Results
  val file = java.nio.file.Paths.get(System.getenv("SPARK_SWARM_SCRIPT"))
  val program = new String(java.nio.file.Files.readAllBytes(file), "UTF-8")
  val before = $intp.mostRecentVar
  val status = $intp.interpret(program) match {
    case Results.Success =>
      val name = $intp.mostRecentVar
      for (value <- $intp.valueOfTerm(name) if name != before && value != (()))
        print(s"$name: ${$intp.typeOfTerm(name).finalResultType} = ${replStringOf(value, 1000)}")
      0
    case Results.Incomplete if program.trim.isEmpty => 0
    case Results.Incomplete =>
      Console.err.println("The program ends in the middle of a statement.")
      1
    case Results.Error => 1
  }
  System.exit(status)
}
