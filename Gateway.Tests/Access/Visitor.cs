using System.Net;
using Gateway.Access;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Access;

/// <summary>Somebody who asks the management API: with a key or without, from this machine or from elsewhere.</summary>
internal static class Visitor
{
    public const string Elsewhere = "203.0.113.7";

    /// <summary>Makes a key with these roles, and gives it as its owner has it.</summary>
    public static async Task<string> KeyAsync(this GatewayUnderTest gateway, params Role[] roles)
    {
        var (_, text) = await gateway.Services.GetRequiredService<KeyRing>().AddAsync(
            string.Join(' ', roles), [.. roles], null, key => Change($"/api/v1/keys/{key.Id}"), "test", CancellationToken.None);
        return text.Reveal();
    }

    public static AuditRecord Change(string target) =>
        new() { At = DateTimeOffset.UnixEpoch, Actor = "test", Action = "CreateKey", Target = target, Result = AuditResult.Done };

    public static async Task<HttpResponseMessage> AskAsync(
        this GatewayUnderTest gateway, HttpMethod method, string path, string? key = null, string? from = null, HttpContent? body = null, string? match = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        if (from is not null)
        {
            request.Headers.Add(RemoteAddress.Header, from);
        }

        if (match is not null)
        {
            request.Headers.Add("If-Match", match);
        }

        return await gateway.Http.SendAsync(request);
    }

    public static async Task<HttpStatusCode> StatusAsync(this GatewayUnderTest gateway, HttpMethod method, string path, string? key = null, string? from = null)
    {
        using var response = await gateway.AskAsync(method, path, key, from);
        return response.StatusCode;
    }
}
