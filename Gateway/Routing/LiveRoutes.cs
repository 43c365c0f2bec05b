namespace Gateway.Routing;

/// <summary>The routes as gateway.json has them now. A request takes the table once, and keeps it to its end.</summary>
internal sealed class LiveRoutes(RouteTable table)
{
    private volatile RouteTable _table = table;

    /// <summary>The present table.</summary>
    public RouteTable Table => _table;

    /// <summary>From now on these are the routes.</summary>
    public void Replace(RouteTable table) => _table = table;
}
