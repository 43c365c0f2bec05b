using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Gateway.Scripting;

/// <summary>
/// Looks through a script and all that it loads before the compiler does: it follows <c>#load</c> by itself,
/// and would meet each file before <see cref="SourceLimits"/> could keep it from harm.
/// </summary>
internal sealed class SourceTrees
{
    // Comments are not parsed as documentation: nothing reads it, and its XML is one more thing to nest.
    private static readonly CSharpParseOptions Syntax = new(LanguageVersion.Latest, DocumentationMode.None, SourceCodeKind.Script);

    private readonly ScriptSource _source;
    private readonly List<ScriptProblem> _problems = [];
    private readonly HashSet<string> _seen = [];
    private readonly Queue<(string Ref, string Text)> _unseen = [];

    private SourceTrees(ScriptSource source) => _source = source;

    /// <summary>The script's syntax tree; what it loads the compiler gets from <see cref="LoadResolver"/>. Null when there are problems.</summary>
    public static (SyntaxTree? Tree, IReadOnlyList<ScriptProblem> Problems) Parse(ScriptSource source)
    {
        var trees = new SourceTrees(source);
        var tree = trees.ParseAll();
        return trees._problems.Count == 0 ? (tree, []) : (null, trees._problems);
    }

    private SyntaxTree? ParseAll()
    {
        SyntaxTree? script = null;
        See(_source.Ref, _source.Text);
        while (_unseen.TryDequeue(out var file))
        {
            var tree = Parse(file.Text, _source.Display(file.Ref));
            script ??= tree;
            if (tree?.GetCompilationUnitRoot() is { } root)
            {
                Follow(root, file.Ref);
                _problems.AddRange(SyntaxCheck.Problems(root, tree.FilePath));
            }
        }

        return script;
    }

    private void See(string fileRef, string text)
    {
        if (_seen.Add(fileRef))
        {
            _unseen.Enqueue((fileRef, text));
        }
    }

    private SyntaxTree? Parse(string text, string name)
    {
        if ((SourceLimits.CheckText(text, name) ?? SourceLimits.CheckTokens(text, Syntax, name)) is { } unfit)
        {
            _problems.Add(unfit);
            return null;
        }

        // The PDB needs the encoding to name the file.
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(text, Encoding.UTF8), Syntax, name);
        if (SourceLimits.CheckTree(tree, text, name) is not { } tooDeep)
        {
            return tree;
        }

        _problems.Add(tooDeep);
        return null;
    }

    private void Follow(CompilationUnitSyntax root, string fileRef)
    {
        // The compiler loads what stands behind an inactive #if, too.
        foreach (var directive in root.GetLoadDirectives().Where(directive => !directive.File.IsMissing))
        {
            var path = directive.File.ValueText;
            var (loaded, file) = LoadResolver.Find(_source, path, fileRef);
            if (file.Text is { } text)
            {
                See(loaded, text);
            }
            else
            {
                _problems.Add(SourcePlace.Problem(directive.GetLocation(), _source.Display(fileRef), file.Code, $"#load \"{path}\": {file.Reason}"));
            }
        }
    }
}
