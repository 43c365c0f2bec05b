using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>One look at a value by a schema: what is wrong with it, and how much work it was. A schema is a script's, so neither may be without end.</summary>
internal sealed class SchemaRun
{
    private const int MostProblems = 5;
    private const int MostSteps = 100_000;
    private const int Deepest = 400;

    // Shared with the runs within this one.
    private readonly Work _work;
    private readonly List<Problem> _problems = [];

    /// <summary>Starts looking.</summary>
    public SchemaRun()
        : this(new Work())
    {
    }

    private SchemaRun(Work work) => _work = work;

    /// <summary>What is wrong, the first few.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Whether looking was given up; what was found until then means nothing.</summary>
    public bool IsTooMuch => _work.IsTooMuch;

    /// <summary>Says what is wrong.</summary>
    public void Fail(string at, string expected)
    {
        if (_problems.Count < MostProblems)
        {
            _problems.Add(new(at, expected));
        }
    }

    /// <summary>A schema begins to look; false when there has been too much of that.</summary>
    public bool Enter()
    {
        if (!Step() || _work.Depth == Deepest)
        {
            _work.IsTooMuch = true;
            return false;
        }

        _work.Depth++;
        return true;
    }

    /// <summary>A schema has looked.</summary>
    public void Leave() => _work.Depth--;

    /// <summary>Counts a piece of work; false when there has been too much.</summary>
    public bool Step()
    {
        _work.IsTooMuch |= ++_work.Steps > MostSteps;
        return !_work.IsTooMuch;
    }

    /// <summary>What a schema would find, without that it counts.</summary>
    public IReadOnlyList<Problem> Try(SchemaNode schema, JsonElement value, string at)
    {
        var run = new SchemaRun(_work);
        schema.Check(value, at, run);
        return run.Problems;
    }

    /// <summary>Something wrong.</summary>
    /// <param name="At">The JSON pointer.</param>
    /// <param name="Expected">What is expected there, as the rest of a sentence: <c>must be a text</c>.</param>
    internal readonly record struct Problem(string At, string Expected)
    {
        /// <summary>As a sentence.</summary>
        public override string ToString() => $"{At} {Expected}";
    }

    private sealed class Work
    {
        public int Steps { get; set; }

        public int Depth { get; set; }

        public bool IsTooMuch { get; set; }
    }
}
