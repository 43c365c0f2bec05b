using System.Globalization;

namespace Gateway.Scripting;

/// <summary>One thing in which a script did not do what a vector says.</summary>
/// <param name="Place">What it is about: <c>reading 2: unit</c>.</param>
/// <param name="Expected">What the vector says.</param>
/// <param name="Actual">What came.</param>
internal sealed record VectorDifference(string Place, string Expected, string Actual)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Place}: expected {Expected}, got {Actual}";
}

/// <summary>How a script did with a vector.</summary>
/// <param name="Vector">The vector.</param>
/// <param name="Differences">Empty when it passed.</param>
internal sealed record VectorResult(Vector Vector, IReadOnlyList<VectorDifference> Differences)
{
    // The first ones tell what went wrong; a reading too few shifts all that follow.
    private const int Listed = 3;

    /// <summary>Whether the script did as the vector says.</summary>
    public bool Passed => Differences.Count == 0;

    /// <summary>The failure as a problem of the vectors' file, on one line.</summary>
    public ScriptProblem ToProblem(string file)
    {
        var listed = string.Join("; ", Differences.Take(Listed));
        var rest = Differences.Count > Listed ? string.Create(CultureInfo.InvariantCulture, $"; and {Differences.Count - Listed} more") : "";
        return new(file, Vector.Line, Vector.Column, ScriptProblemCode.VectorFailed, $"the script fails the vector \"{Vector.Name}\": {listed}{rest}");
    }
}
