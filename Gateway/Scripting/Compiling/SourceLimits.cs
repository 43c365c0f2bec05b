using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Gateway.Scripting;

/// <summary>
/// Keeps from the compiler what would kill the process: its lexer, parser and binder are recursive, and a stack overflow can't be caught.
/// Three passes, each safe because of the one before it: raw text, tokens, syntax tree.
/// The limits leave room by a factor of eight or more on <see cref="StackSize"/> (tried with forty kinds of nesting).
/// </summary>
internal static class SourceLimits
{
    /// <summary>The stack that the compiler's thread needs within these limits; only what is used of it is ever backed by memory.</summary>
    public const int StackSize = 64 << 20;

    /// <summary>Characters of a source.</summary>
    public const int Length = 1 << 20;

    /// <summary>Brackets open at one place.</summary>
    public const int Brackets = 200;

    /// <summary>Levels of the syntax tree; a chain of 500 <c>else if</c> has 1,000.</summary>
    public const int Levels = 1000;

    // A directive's expression is parsed by recursion while the line is lexed.
    private const int DirectiveLength = 2000;

    // An interpolated string within another's hole is lexed by recursion, so their number in the source bounds the depth.
    private const int InterpolatedStrings = 5000;

    // What is between the quotes of an interpolated string is parsed anew for each level, so deep ones take quadratic time.
    private const int InterpolationBraces = 500;

    /// <summary>What is wrong with the text before any part of the compiler has seen it, or null.</summary>
    public static ScriptProblem? CheckText(string text, string file)
    {
        if (text.Length > Length)
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"the source has more than the {Length} characters that a script may have");
            return ScriptProblem.OfFile(file, ScriptProblemCode.SourceTooLong, message);
        }

        int interpolated = 0, hash = -1;
        for (var position = 0; position < text.Length; position++)
        {
            var here = text[position];
            if (here is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029')
            {
                hash = -1;
            }
            else if (here == '#' && hash < 0)
            {
                hash = position;
            }

            if (hash >= 0 && position - hash > DirectiveLength)
            {
                return TooDeep(text, file, hash, $"more than {DirectiveLength} characters follow a # on its line");
            }

            if (here == '$' && ++interpolated > InterpolatedStrings)
            {
                return TooDeep(text, file, position, $"there are more than {InterpolatedStrings} interpolated strings");
            }
        }

        return null;
    }

    /// <summary>What is wrong with the tokens of a text that passed <see cref="CheckText"/>, or null.</summary>
    public static ScriptProblem? CheckTokens(string text, CSharpParseOptions options, string file)
    {
        int brackets = 0, angles = 0;
        foreach (var token in SyntaxFactory.ParseTokens(text, options: options))
        {
            switch (token.Kind())
            {
                case SyntaxKind.OpenParenToken or SyntaxKind.OpenBracketToken or SyntaxKind.OpenBraceToken:
                    brackets++;
                    break;
                case SyntaxKind.CloseParenToken or SyntaxKind.CloseBracketToken or SyntaxKind.CloseBraceToken:
                    brackets = Math.Max(brackets - 1, 0);
                    break;
                case SyntaxKind.LessThanToken:
                    angles++;
                    break;
                case SyntaxKind.GreaterThanToken:
                    angles = Math.Max(angles - 1, 0);
                    break;
                case SyntaxKind.InterpolatedStringToken when token.Text.AsSpan().Count('{') > InterpolationBraces:
                    return TooDeep(text, file, token.SpanStart, $"an interpolated string has more than {InterpolationBraces} braces");
            }

            // A "less than" opens nothing, which shows at the statement's end.
            angles = token.Kind() is SyntaxKind.SemicolonToken or SyntaxKind.OpenBraceToken or SyntaxKind.CloseBraceToken ? 0 : angles;
            if (brackets > Brackets || angles > Brackets)
            {
                return TooDeep(text, file, token.SpanStart, $"more than {Brackets} brackets are open here");
            }
        }

        return null;
    }

    /// <summary>What is wrong with a tree whose tokens passed <see cref="CheckTokens"/>, or null.</summary>
    public static ScriptProblem? CheckTree(SyntaxTree tree, string text, string file)
    {
        var rest = new Stack<(SyntaxNode Node, int Level)>();
        rest.Push((tree.GetRoot(), 1));
        while (rest.TryPop(out var here))
        {
            if (here.Level > Levels)
            {
                return TooDeep(text, file, here.Node.SpanStart, $"this is nested in more than {Levels} levels of expressions and statements");
            }

            foreach (var child in here.Node.ChildNodes())
            {
                rest.Push((child, here.Level + 1));
            }
        }

        return null;
    }

    private static ScriptProblem TooDeep(string text, string file, int position, string message)
    {
        var place = SourceText.From(text).Lines.GetLinePosition(position);
        return new(file, place.Line + 1, place.Character + 1, ScriptProblemCode.NestedTooDeep, message);
    }
}
