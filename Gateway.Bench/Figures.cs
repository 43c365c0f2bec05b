namespace Gateway.Bench;

/// <summary>Many measurements to one figure.</summary>
internal static class Figures
{
    /// <summary>The one in the middle.</summary>
    public static double Median(IEnumerable<double> values) => Percentile(values, 50);

    /// <summary>The one below which so many of a hundred lie.</summary>
    public static double Percentile(IEnumerable<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * percent / 100))];
    }
}
