using System.Text;

namespace Gateway.Scripting;

/// <summary>Collects what is wrong with a vector file.</summary>
internal sealed class VectorProblems(byte[] text, string file)
{
    // Nobody reads past the first screen.
    private const int Most = 50;

    private readonly List<ScriptProblem> _problems = [];

    /// <summary>All so far.</summary>
    public IReadOnlyList<ScriptProblem> All => _problems;

    /// <summary>A problem at a place in the file, which is given in bytes.</summary>
    public void Add(long position, string message)
    {
        var (line, column) = PlaceOf(position);
        Add(line, column, message);
    }

    /// <summary>A problem where the parser stopped: in a line from 0, so many bytes from its start.</summary>
    public void AddAt(int line, int bytes, string message)
    {
        var start = 0;
        for (var i = 0; i < line; i++)
        {
            start += text.AsSpan(start).IndexOf((byte)'\n') + 1;
        }

        Add(start + bytes, message);
    }

    /// <summary>Line and column of a place, both from 1, the column in characters.</summary>
    public (int Line, int Column) PlaceOf(long position)
    {
        var before = text.AsSpan(0, (int)Math.Min(position, text.Length));
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }

    private void Add(int line, int column, string message)
    {
        if (_problems.Count < Most)
        {
            _problems.Add(new(file, line, column, ScriptProblemCode.MalformedVectors, message));
        }
    }
}
