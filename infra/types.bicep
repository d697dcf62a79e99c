@export()
@description('Tags of a resource.')
type tagMap = {
  *: string
}
