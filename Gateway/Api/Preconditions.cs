using System.IO.Hashing;
using System.Text.Json;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api;

/// <summary>
/// RFC 9110 §13: nobody overwrites what they have not seen. An entity tag is told with what can be changed, and asked for with the change.
/// </summary>
internal static class Preconditions
{
    /// <summary>The entity tag of a device: the same for the same configuration. When it was seen last is no part of it.</summary>
    public static string TagOf(Device device)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(DeviceDocument.Of(device) with { LastSeenAt = null }, ManagementApi.Json);
        return $"\"{Convert.ToHexStringLower(XxHash128.Hash(json))}\"";
    }

    /// <summary>The entity tag of a script: its version.</summary>
    public static string TagOf(string scriptVersion) => $"\"{scriptVersion}\"";

    /// <summary>Tells a caller the tag of what it gets.</summary>
    public static void Tell(HttpContext context, string tag) => context.Response.Headers.ETag = tag;

    /// <summary>What of the request's conditions does not hold; null when it may go on.</summary>
    /// <param name="request">The request.</param>
    /// <param name="present">The tag of what is there; null when nothing is.</param>
    /// <param name="required">Whether what is there is only changed by who says which version of it is meant.</param>
    /// <param name="what">What it is about, for people.</param>
    public static ProblemHttpResult? Check(HttpRequest request, string? present, bool required, string what)
    {
        var (match, noneMatch) = (request.Headers.IfMatch, request.Headers.IfNoneMatch);
        if (noneMatch.Count > 0 && Holds(noneMatch, present))
        {
            return Failed($"{what} is there already, and If-None-Match says that it must not be");
        }

        if (match.Count > 0 && !Holds(match, present))
        {
            return present is null
                ? Failed($"{what} is not there, and If-Match says that it must be")
                : Failed($"{what} has been changed since: its ETag is {present} now. GET it again, and make the change to what you get");
        }

        return required && match.Count == 0 && present is not null
            ? TypedResults.Problem(
                $"{what} is there: say with If-Match which version of it is to be replaced. GET tells its ETag; If-Match: * replaces whatever is there",
                statusCode: StatusCodes.Status428PreconditionRequired)
            : null;
    }

    private static bool Holds(StringValues header, string? present) =>
        present is not null
        && EntityTagHeaderValue.TryParseList([.. header.OfType<string>()], out var tags)
        && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || (!tag.IsWeak && tag.Tag.Equals(present, StringComparison.Ordinal)));

    private static ProblemHttpResult Failed(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status412PreconditionFailed);
}
