package example

import org.apache.spark.sql.SparkSession

/** A job in a jar: prints the sum of the squares of the numbers up to its argument. */
object SumOfSquares {
  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder.appName("sum of squares").getOrCreate()
    println(spark.sparkContext.parallelize(1L to args(0).toLong, 4).map(n => n * n).sum().toLong)
    spark.stop()
  }
}
