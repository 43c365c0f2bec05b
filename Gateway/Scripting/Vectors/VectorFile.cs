using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>The vectors that lie beside a script, as <c>efento.vectors.json</c> beside <c>efento.csx</c>; docs/vectors.md describes them.</summary>
/// <param name="Vectors">The vectors, in the order of the file.</param>
/// <param name="Problems">What is wrong with the file; when there is anything, none of its vectors is run.</param>
internal sealed record VectorFile(IReadOnlyList<Vector> Vectors, IReadOnlyList<ScriptProblem> Problems)
{
    /// <summary>What a vector file's name ends with, in place of the script's <c>.csx</c>.</summary>
    public const string Extension = ".vectors.json";

    /// <summary>Characters of a vector file.</summary>
    public const int Length = SourceLimits.Length;

    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Whether every vector was understood.</summary>
    public bool IsUsable => Problems.Count == 0;

    /// <summary>The vector file of a script.</summary>
    public static string Of(string script) => Path.ChangeExtension(script, Extension);

    /// <summary>Reads the text of a vector file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The file as people name it: <c>scripts/efento.vectors.json</c>.</param>
    public static VectorFile Read(string text, string file)
    {
        if (text.Length > Length)
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"the file has more than the {Length} characters that vectors may have");
            return new([], [ScriptProblem.OfFile(file, ScriptProblemCode.MalformedVectors, message)]);
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        var problems = new VectorProblems(bytes, file);
        var vectors = new List<Vector>();
        try
        {
            Read(bytes, problems, vectors);
        }
        catch (JsonException exception)
        {
            var line = (int)(exception.LineNumber ?? 0);
            problems.AddAt(line, (int)(exception.BytePositionInLine ?? 0), exception.Message.Split(" LineNumber: ")[0]);
        }

        return new(vectors, problems.All);
    }

    private static void Read(byte[] bytes, VectorProblems problems, List<Vector> vectors)
    {
        var reader = new Utf8JsonReader(bytes, Lenient);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            problems.Add(reader.TokenStartIndex, "the file must be a list of vectors: [ {...}, {...} ]");
            return;
        }

        var names = new HashSet<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = reader.TokenStartIndex;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                problems.Add(start, "a vector must be an object: { \"name\": ..., \"payload\": ..., \"expect\": [...] }");
                reader.Skip();
                continue;
            }

            if (new VectorReader(VectorMembers.Read(ref reader, problems), problems, start).Vector() is not { } vector)
            {
                continue;
            }

            if (!names.Add(vector.Name))
            {
                problems.Add(start, $"there is another vector of the name {VectorText.Of(vector.Name)}");
            }

            vectors.Add(vector);
        }

        // What stands behind the list is no JSON.
        reader.Read();
    }
}
