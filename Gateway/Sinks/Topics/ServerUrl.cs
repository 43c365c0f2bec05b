namespace Gateway.Sinks;

/// <summary>The URL of a server in gateway.json: a scheme, a host and a port, and nothing else.</summary>
internal static class ServerUrl
{
    /// <summary>What is wrong with it; null when nothing is, or when it is empty, which is told elsewhere.</summary>
    public static string? Problem(string url, params string[] schemes)
    {
        var example = string.Join(" or ", schemes.Select(scheme => $"{scheme}://host"));
        return string.IsNullOrWhiteSpace(url) ? null
            : !Uri.TryCreate(url, UriKind.Absolute, out var uri) || !schemes.Contains(uri.Scheme) || uri.Host.Length == 0 ? $"is no URL of a server: write {example}"
            : uri.UserInfo.Length > 0 ? "must not have a user and password in it: they have settings of their own"
            : uri.PathAndQuery is not ("/" or "") || uri.Fragment.Length > 0 ? $"has something behind the host and port: write {example}"
            : null;
    }
}
