using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Gateway.Api;

/// <summary>
/// Names the parameter that could not be read. The generated code of an endpoint answers 400 to one that may be left out,
/// without a word; before that it lets the filters have the request, so this one says which.
/// </summary>
internal static class UnreadParameters
{
    /// <summary>For all endpoints of a group. What is thrown becomes a problem document in <see cref="BadRequests"/>.</summary>
    public static void NameUnreadParameters(this RouteGroupBuilder api) => api.AddEndpointFilter((context, next) =>
        context.HttpContext.Response.StatusCode == StatusCodes.Status400BadRequest ? throw ProblemOf(context.HttpContext) : next(context));

    private static BadHttpRequestException ProblemOf(HttpContext context)
    {
        foreach (var parameter in context.GetEndpoint()!.Metadata.GetOrderedMetadata<IParameterBindingMetadata>())
        {
            var type = Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) ?? parameter.ParameterInfo.ParameterType;
            var value = context.Request.Query[JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name)].ToString();
            if (parameter.HasTryParse && value.Length > 0 && !CanBeRead(type, value))
            {
                return new($"Failed to bind parameter \"{type.Name} {parameter.Name}\" from \"{value}\".");
            }
        }

        return new("a parameter cannot be read");
    }

    // These are the types that parameters have, each read as the generated code does.
    private static bool CanBeRead(Type type, string value) => type switch
    {
        _ when type == typeof(int) => int.TryParse(value, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(long) => long.TryParse(value, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(bool) => bool.TryParse(value, out _),
        _ when type == typeof(DateTimeOffset) => DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out _),
        _ => true,
    };
}
