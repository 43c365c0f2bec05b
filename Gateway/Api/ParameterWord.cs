using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Gateway.Api;

/// <summary>One of a few words, as a parameter says it: in the form in which JSON has them.</summary>
internal static class ParameterWord
{
    /// <summary>Reads one.</summary>
    /// <param name="text">What the parameter says.</param>
    /// <param name="parameter">Its name.</param>
    /// <param name="value">What is meant.</param>
    /// <param name="problem">What is wrong, with the words that there are.</param>
    public static bool TryParse<T>(string text, string parameter, out T value, [NotNullWhen(false)] out ParameterProblem? problem)
        where T : struct, Enum
    {
        foreach (var known in Enum.GetValues<T>())
        {
            if (NameOf(known) == text)
            {
                (value, problem) = (known, null);
                return true;
            }
        }

        value = default;
        problem = ParameterProblem.Of(parameter, $"\"{text}\" is none of {string.Join(", ", Enum.GetValues<T>().Select(NameOf))}");
        return false;
    }

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
