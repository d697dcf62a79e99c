using System.Xml.Linq;
using Azure.Data.Tables;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Modeldrop.Storage;

namespace Modeldrop.Access;

/// <summary>
/// Keeps the keys with which ASP.NET Core seals what a browser carries through a sign-in, so that the instance that ends it need not be the
/// one that began it. Thread-safe.
/// </summary>
/// <remarks>A row a key, about one every three months; an instance reads them once a day.</remarks>
public sealed class ProtectionKeyStore(StorageAccount account) : IXmlRepository
{
    private const string Partition = "protection";
    private const string Element = "Element";

    private readonly TableClient _table = account.Table(TableNames.Access);

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition}");
        return [.. _table.Query<TableEntity>(filter).Select(row => XElement.Parse(row.GetString(Element)))];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName) =>
        _table.AddEntity(new TableEntity(Partition, Guid.NewGuid().ToString("N"))
        {
            [Element] = element.ToString(SaveOptions.DisableFormatting),
        });
}
